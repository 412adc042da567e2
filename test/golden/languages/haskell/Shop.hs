module Acme.Shop (sell, Item (..)) where

import qualified Data.Map as Map
import Acme.Prices (Price, rate)

-- | What is sold.
data Item = Item
  { price :: Price
  , parts :: [Item]
  }
  | Nothing'
  deriving (Show)

newtype Wrapped = Wrapped Item

type Items = Map.Map String Item

-- | Has a name.
class Named a where
  name :: a -> String
  name _ = "x"

instance Named Item where
  name = show

-- | Sells one.
sell :: Item -> Price
sell (Item p _) = rate p
sell Nothing' = hidden
  where
    local = 1

hidden :: Price
hidden = undefined

infixl 5 <+>
(<+>) :: Item -> Item -> Item
a <+> _ = a
