defmodule Acme.Shop do
  @moduledoc "Sells things."
  use GenServer
  alias Acme.Prices.{Price, Rate}
  import Acme.Base, only: [wrap: 1]

  @limit 10
  @type item :: %{price: Price.t()}

  defstruct [:items, total: 0]

  @callback open(item) :: :ok

  # What it makes.
  @spec sell(item, integer) :: Price.t()
  def sell(item, count \\ @limit)
  def sell(%{price: price}, count), do: Rate.of(price, count)

  def sell(item, _count) do
    item |> wrap() |> hide()
  end

  defp hide(item), do: item

  defmacro shop(name) do
    quote do: unquote(name)
  end

  defmodule Entry do
    defstruct [:name]
  end

  defprotocol Named do
    def name(of)
  end

  defguard is_item(x) when is_map(x)
end

defmodule Acme.ShopTest do
  use ExUnit.Case

  describe "sell/2" do
    test "sells" do
      assert Acme.Shop.sell(%{price: 1}, 1)
    end
  end
end
