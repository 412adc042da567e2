package com.acme.shop

import com.acme.prices.Price
import com.acme.prices.rate as rateOf
import com.acme.prices.*
import kotlin.test.Test

/** How many fit. */
const val LIMIT = 10
private var names: List<String> = listOf()

typealias Items = List<Item>

/** Sells things. */
@Service("shop")
open class Shop<T : Item>(val items: List<T>, private val name: String, size: Int) : BaseShop(items), Seller by other {
    val first: T get() = items.first()
    var total: Price = Price.zero()
        private set

    constructor(item: T) : this(listOf(item), "one", 1)

    init {
        total = rateOf(size)
    }

    override fun sell(item: Item, each: (Item) -> Unit): Price {
        val price = item.price
        for (part in items) part.wrap(price)
        items.forEach { it.wrap(total) }
        val box = item as? Box ?: return Price.zero()
        box.open()?.close()
        return when (item) {
            is Box -> item.inner.price
            else -> super.sell(item, each)
        }
    }

    companion object {
        const val NAME = "shop"
        fun <T : Item> of(item: T): Shop<T> = Shop(item)
    }
}

data class Entry(val name: String, val price: Price)

sealed interface Seller {
    fun sell(item: Item, each: (Item) -> Unit): Price
}

object Registry : Named {
    val shops = mutableListOf<Shop<Item>>()
    fun add(shop: Shop<Item>) = shops.add(shop)
}

enum class Size(val size: Int) { SMALL(1), LARGE(2); fun next() = LARGE }

fun Item.describe(): String = "$name ${price.text()}"

fun main() {
    val shop = Shop.of(Box())
    Registry.add(shop)
    shop.first.describe()
    Size.SMALL.next()
}

class ShopTest {
    @Test fun sells() { main() }
}
