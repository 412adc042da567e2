#include "shop.hpp"
#include <gtest/gtest.h>

using namespace acme::prices;
using acme::boxes::Box;

namespace acme::shop {

namespace {
int hidden = 0;
}

void Counter::add(const Item& item) {
  auto price = item.price();
  for (const auto& part : item.parts) part.wrap(price);
  count_ += helper(item);
  auto box = std::make_unique<Box>(price);
  box->open().close();
  auto wrap = [&](const Item& each) { return each.total; };
  this->count();
  Shop<Item>::Size size = Shop<Item>::Size::Large;
  ::acme::log("x", limit, hidden);
}

int open(const Counter& counter) {
  Counter* other = new Counter();
  other->add(Item{});
  return counter.count() + Counter().count();
}

}  // namespace acme::shop

TEST(Shop, Sells) { EXPECT_EQ(acme::shop::open({}), 0); }
