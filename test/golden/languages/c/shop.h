#ifndef SHOP_H
#define SHOP_H

#include <stddef.h>
#include "prices/price.h"

/* How many fit. */
#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))

typedef struct item {
  struct price *price;
  struct item *next;
  unsigned int small : 1;
} item;

enum size { SMALL, LARGE = 2 };

typedef int (*handler)(item *it, void *data);

union value { int i; double d; };

extern int shops;

/** Sells it. */
int sell(item *it, enum size size);

static inline int twice(int x) { return x * 2; }

#endif
