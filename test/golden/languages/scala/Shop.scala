package com.acme.shop

import com.acme.prices.{Price, Rate => Duty, _}
import com.acme.base.BaseShop
import scala.collection.mutable

/** Sells things. */
@service("shop")
class Shop[T <: Item](val items: List[T], name: String) extends BaseShop(items) with Seller {
  /** How many fit. */
  val limit: Int = 10
  private var total: Price = Price.zero
  type Items = List[T]

  override def sell(item: Item): Price = {
    val price = item.price
    for (part <- items) part.wrap(price)
    items.foreach(each => each.wrap(total))
    total = Duty.of(limit)
    item match {
      case box: Box => box.open().price
      case Entry(inner, _) => super.sell(inner)
      case _ => new Box(price).price
    }
  }
}

object Shop {
  val Name = "shop"
  def apply(item: Item): Shop[Item] = new Shop(List(item), Name)
}

case class Entry(item: Item, price: Price)

trait Seller extends Named {
  def sell(item: Item): Price
  def close(): Unit = ()
}

object Main extends App {
  val shop = Shop(new Box(null))
  shop.sell(shop.items.head)
  Shop.Name
  implicit class Rich(item: Item) { def describe: String = item.name }
}

class ShopSpec extends AnyFunSuite {
  test("sells") { Main.shop.close() }
}
