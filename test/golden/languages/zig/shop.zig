//! Sells things.
const std = @import("std");
const Price = @import("prices.zig").Price;

/// How many fit.
pub const limit: usize = 10;
var total: u32 = 0;
threadlocal var hidden: u32 = 0;

/// What is sold.
pub const Item = struct {
    price: Price,
    parts: []Item = &.{},

    const Self = @This();

    /// Makes one.
    pub fn init(price: Price) Self {
        const local = price;
        return .{ .price = local };
    }

    fn wrap(self: *Self) void {
        _ = self;
    }
};

pub const Size = enum { small, large };
const Value = union(enum) { int: u32, float: f64 };
const Error = error{SoldOut};

pub fn Stack(comptime T: type) type {
    return struct {
        values: []T,
        pub fn push(self: *@This(), value: T) void {
            _ = self;
            _ = value;
        }
    };
}

pub fn sell(item: Item) !u32 {
    return item.price.rate(limit);
}

test "sells" {
    _ = try sell(Item.init(.{}));
}
