#!/usr/bin/env bash
set -euo pipefail
source "$(dirname "$0")/prices.sh"

# How many fit.
readonly LIMIT=10
declare -A shelves
export SHOP_NAME="shop"

# Sells one.
sell() {
  local item="$1"
  count=$((count + 1))
  wrap "$item" | grep -q "$SHOP_NAME"
}

function wrap {
  echo "$1"
}

alias vend='sell'
sell "$@"
