package com.acme.shop;

import static com.acme.prices.Rates.rate;
import com.acme.prices.Price;
import com.acme.prices.*;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sells things. */
@Service("shop")
public class Shop<T extends Item> extends BaseShop<T> implements Seller, Comparable<Shop<T>> {
  /** How many fit. */
  public static final int LIMIT = 10;
  private final List<Item> items;
  Price total, tax;

  public Shop(List<Item> items) {
    super(items);
    this.items = items;
  }

  @Override
  public Price sell(Item item, String... names) throws SoldOut {
    Price price = item.price();
    var part = items.get(0);
    for (Item each : items) each.part.sell(price.tax);
    Runnable later = () -> part.wrap(LIMIT);
    if (item instanceof Box box) box.open();
    return rate(new Box(price) {
      @Override void open() { refill(); }
    }).total(Shop.LIMIT);
  }

  static Shop<Item> of(Item item) {
    return new Shop<>(List.of(item)).self();
  }

  private Shop<T> self() { return this; }

  enum Size implements Named {
    SMALL(1), LARGE(2);
    private final int size;
    Size(int size) { this.size = size; }
  }

  record Entry(String name, Price price) {
    Price twice() { return price.times(2).plus(price()); }
  }

  interface Seller {
    Price sell(Item item) throws SoldOut;
    default void close() { Size.SMALL.name(); }
  }
}

@interface Service { String value(); }

class ShopTest {
  @Test void sells() { Shop.of(null).sell(null); }
}
