// Package shop sells things.
package shop

import (
	"context"
	"fmt"

	"example.com/shop/prices"
	. "example.com/shop/dot"
	yaml "gopkg.in/yaml.v3"
	"github.com/acme/go-money/v2"
)

// Limit is how many fit.
const Limit = 10

var (
	ErrEmpty = fmt.Errorf("empty") // not its documentation
	byName   map[string]*Item
)

// Named has a name.
type Named interface {
	fmt.Stringer
	Name() string
}

type Item struct {
	prices.Base
	Price money.Amount `json:"price"`
	parts []*Item
}

type Handler func(context.Context, *Item) error

type Stack[T any] struct{ values []T }

// Push adds.
func (s *Stack[T]) Push(value T) { s.values = append(s.values, value) }

// Name says it.
func (i *Item) Name() string {
	for _, part := range i.parts {
		if part.Name() == "" {
			return part.Price.String()
		}
	}
	return i.Describe(byName["x"].Price)
}

func (l *Ledger) Add(item *Item) (total int, err error) {
	entry := &Item{Price: item.Price, parts: []*Item{{Price: item.Price}}}
	total = l.sum + len(entry.parts)
	switch v := any(entry).(type) {
	case Named:
		v.Name()
	}
	func() { DotFunction(yaml.Node{}) }()
	return total, ErrEmpty
}

func New(name string) *Item {
	item := find(name)
	item.parts = nil
	stack := Stack[Item]{}
	stack.Push(*item)
	return item
}
