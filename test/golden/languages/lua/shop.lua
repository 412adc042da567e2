--- Sells things.
local prices = require("acme.prices")
local M = {}

-- How many fit.
M.limit = 10
LIMIT = 20
local hidden = 1

local function wrap(item)
  local inner = item
  return inner
end

--- Sells one.
function M.sell(item, count)
  M.total = M.total + prices.rate(item)
  return wrap(item)
end

function M:open()
  self.isOpen = true
end

function Global() end

M.close = function(self)
  self:open()
end

local Shop = {
  name = "shop",
  vend = function() end,
}

return M
