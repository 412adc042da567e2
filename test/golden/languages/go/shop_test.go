package shop_test

import (
	"testing"

	"example.com/shop"
)

func TestNew(t *testing.T) {
	if shop.New("a").Name() != "a" {
		t.Fatal(shop.Limit)
	}
}

func Testify() {}

func BenchmarkNew(b *testing.B) {}
