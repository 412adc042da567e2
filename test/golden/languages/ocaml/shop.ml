(** Sells things. *)
open Prices

(** What is sold. *)
type item = { price : Price.t; mutable parts : item list }

type size = Small | Large of int

exception Sold_out of string

module type Named = sig
  val name : string
end

module Entry = struct
  type t = item

  let make price = { price; parts = [] }
end

module Make (N : Named) = struct
  let shout = String.uppercase_ascii N.name
end

(* How many fit. *)
let limit = 10

let rec sell ?(count = limit) item =
  let local = count in
  rate item.price * local

and wrap item = sell item

class counter =
  object
    val mutable count = 0
    method add = count <- count + 1
  end

external now : unit -> float = "unix_time"
let ( +++ ) a b = a + b
let () = print_endline "x"
