using System;
using System.Collections.Generic;
using Acme.Prices;
using static Acme.Prices.Rates;
using Money = Acme.Prices.Price;

namespace Acme.Shop
{
    /// <summary>Sells things.</summary>
    [Service("shop")]
    public partial class Shop<T> : BaseShop<T>, ISeller where T : Item
    {
        public const int Limit = 10;
        private readonly List<Item> items;
        public event EventHandler Sold;

        public Shop(List<Item> items) : base(items)
        {
            this.items = items;
        }

        /// <summary>What it makes.</summary>
        public Money Total { get; private set; }

        public Money Twice => Total.Times(2);

        public Item this[int index] => items[index];

        public override Money Sell(Item item, params string[] names)
        {
            var price = item.Price;
            foreach (var part in items) part.Wrap(price);
            if (item is Box box) box.Open();
            Func<Item, Money> wrap = each => each.Price;
            Total = Rate(new Box { Price = price, Size = Size.Large });
            return (item as Box)?.Inner.Price ?? names.Length.ToPrice();
        }

        public static Shop<T> Of(Item item) => new Shop<T>(new List<Item> { item });
    }

    public interface ISeller { Money Sell(Item item, params string[] names); }

    public enum Size { Small, Large = 2 }

    public record Entry(string Name, Money Price);

    public struct Point { public int X; }

    public delegate void Handler(Item item);

    public static class Extensions
    {
        public static Money ToPrice(this int value) => new Money(value);
    }
}

namespace Acme.Shop.Tests
{
    public class ShopTests
    {
        [Fact]
        public void Sells() { Shop<Item>.Of(null).Sell(null); }
    }
}
