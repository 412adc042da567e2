#pragma once
#include <string>
#include <vector>
#include "prices/price.hpp"

namespace acme::shop {

/// How many fit.
constexpr int limit = 10;

template <typename T>
class Stack;

using Prices = std::vector<prices::Price>;

/// Sells things.
template <typename T>
class Shop : public BaseShop<T>, private Named {
 public:
  explicit Shop(std::string name) : name_(std::move(name)), total_(0) {}
  virtual ~Shop() = default;

  prices::Price sell(const Item& item, int count = limit) const;
  static Shop of(Item item) { return Shop("one"); }
  Shop& operator+=(const Item& item);

  enum class Size { Small, Large };
  struct Entry { std::string name; prices::Price price; };

 private:
  std::string name_;
  prices::Price total_;
  std::vector<Item> items_;
};

class Counter {
 public:
  void add(const Item& item);
  int count() const { return count_; }

 private:
  int count_ = 0;
};

int open(const Counter& counter);

}  // namespace acme::shop
