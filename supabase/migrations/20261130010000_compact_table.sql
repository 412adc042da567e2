-- Gives back the room that deleted rows left in a small table: Postgres uses it again, but keeps it. Only where the room is
-- more than `room_bytes_max` and than `room_share_max` of the table, and nobody makes it wait; true when it was written anew.
create function kota.compact_table(table_name text, bytes_max bigint, room_bytes_max bigint, room_share_max float8, wait_ms int)
returns boolean
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
declare
  -- Of a row beside its columns: its header and its place in the page.
  row_bytes constant int := 28;
  target regclass := format('public.%I', table_name)::regclass;
  key text;
  columns text;
  used bigint;
begin
  if pg_table_size(target) > bytes_max
    or not pg_has_role((select c.relowner from pg_class c where c.oid = target), 'usage') then
    return false;
  end if;
  select string_agg(format('coalesce(pg_column_size(t.%I), 0)', a.attname), ' + ') into columns
  from pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped;
  -- Of a value that is kept apart this is its size there: it is not read.
  execute format('select coalesce(sum(%s + %s), 0) from public.%I t', columns, row_bytes, table_name) into used;
  if pg_table_size(target) - used <= greatest(room_bytes_max, room_share_max * pg_table_size(target)) then
    return false;
  end if;
  select i.relname into key
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  where x.indrelid = target and x.indisprimary;
  perform set_config('lock_timeout', format('%sms', wait_ms), true);
  -- Unlike `vacuum full` it may run in a transaction; both write the table and its indexes anew under a lock.
  execute format('cluster public.%I using %I', table_name, key);
  return true;
exception
  when lock_not_available then
    return false;
end
$$;
revoke all on function kota.compact_table(text, bigint, bigint, float8, int) from public;
grant execute on function kota.compact_table(text, bigint, bigint, float8, int) to service_role;
