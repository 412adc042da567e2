# frozen_string_literal: true

require "set"
require "acme/prices"
require_relative "item"
autoload :Legacy, "acme/legacy"

module Acme
  # Sells things.
  class Shop < BaseShop
    include Comparable
    extend Named

    # How many fit.
    LIMIT = 10

    attr_accessor :items
    attr_reader :total

    class << self
      def of(item)
        new([item])
      end
    end

    def initialize(items)
      super
      @items = items
      @total = Prices::Price.zero
    end

    # What it makes.
    def sell(item, *names, each: nil, &block)
      price = item.price
      items.each { |part| part.wrap(price) }
      box = Box.new(price)
      box.open&.close
      @total += rate(LIMIT)
      yield box if block_given?
      Acme::Prices.rate(self.class::LIMIT)
    end

    def self.open(path) = new(File.read(path))

    private

    def rate(size)
      ::Acme::Rate.new(size).value
    end

    alias_method :vend, :sell
  end

  Entry = Struct.new(:name, :price) do
    def twice
      price * 2
    end
  end

  class Shop::Error < StandardError; end
end

describe Acme::Shop do
  it "sells" do
    expect(Acme::Shop.of(nil).sell(nil)).to eq(nil)
  end
end

class ShopTest < Minitest::Test
  def test_sells
    Acme::Shop.open("x").sell(nil)
  end
end
