(** Sells things. *)

type item
type size = Small | Large of int

val limit : int
(** How many fit. *)

val sell : ?count:int -> item -> int
exception Sold_out of string

module Entry : sig
  type t = item

  val make : int -> t
end
