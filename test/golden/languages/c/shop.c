#include "shop.h"
#include <stdio.h>

int shops = 0;
static const char *names[] = {"a", "b"};
static struct { int depth; } state;

struct entry {
  item it;
  handler on_sell;
};

static int rate(struct price *price) {
  return price->amount * LIMIT;
}

// Sells one.
int sell(item *it, enum size size) {
  struct entry entry = {.it = *it, .on_sell = NULL};
  item *each;
  for (each = it; each; each = each->next)
    shops += MAX(rate(each->price), twice(size));
  if (size == LARGE) {
    entry.on_sell(&entry.it, names);
    entry.it.next = it->next;
  }
  state.depth++;
  printf("%d\n", shops);
  goto done;
done:
  return sizeof(struct entry) + (int)state.depth;
}

#ifdef TEST
int main(void) { return sell(0, SMALL); }
#endif
