#include "persistence/statements.hpp"

#include "persistence/row_text.hpp"
#include "persistence/search.hpp"

namespace souk::persistence {

namespace {

// Row shapes that several statements share.
std::string user_rows(backend k) {
  return rows_of(k, "rows",
                 {{"id", "uuid"},     {"un", "text"},   {"uk", "text"},   {"em", "text"},
                  {"ek", "text"},     {"ph", "text"},   {"ad", "text"},   {"se", "text"},
                  {"rh", "text"},     {"re", "bigint"}, {"pv", "bigint"}, {"fi", "text"},
                  {"la", "text"},     {"fu", "text"},   {"te", "text"},   {"ro", "smallint"},
                  {"di", "smallint"}, {"ca", "bigint"}, {"ua", "bigint"}, {"ve", "bigint"},
                  {"x", "bigint"}});
}

std::string product_rows(backend k) {
  return rows_of(k, "rows",
                 {{"id", "bigint"},
                  {"ei", "text"},
                  {"na", "text"},
                  {"pr", "bigint"},
                  {"de", "text"},
                  {"cg", "bigint"},
                  {"dl", "smallint"},
                  {"ca", "bigint"},
                  {"ua", "bigint"},
                  {"ve", "bigint"},
                  {"iu", "text"},
                  {"sk", "text"},
                  {"sn", "text"},
                  {"sd", "text"},
                  {"x", "bigint"}});
}

std::string category_rows(backend k) {
  return rows_of(k, "rows",
                 {{"id", "bigint"},
                  {"pa", "bigint"},
                  {"na", "text"},
                  {"ca", "bigint"},
                  {"ua", "bigint"},
                  {"ve", "bigint"},
                  {"x", "bigint"}});
}

/// Who takes a category away waits for those who put something into it, and they for him.
std::string lock_categories_text(backend k, std::string_view strength) {
  return "select cast(id as bigint) from category where id in (select p from "
         + rows_of(k, "rows", {{"p", "bigint"}}) + ") order by id"
         + (k == backend::postgresql ? " for " + std::string{strength} + " of category" : "");
}

std::string insert_products_text(backend k) {
  auto words = k == backend::postgresql;
  return "insert into product (id, external_id, name, price, detail, category_id, "
         "deleted, created_at, updated_at, version, image_url, sort_key"
         + std::string{words ? ", search_name, search" : ""}
         + ") select id, ei, na, pr, de, cg, dl, ca, ua, ve, iu, sk"
         + (words ? ", " + words_column("sn") + ", " + words_column("sn || ' ' || sd") : "")
         + " from " + product_rows(k)
         + " where cg is null or exists (select 1 from category c where c.id = cg) "
           "on conflict do nothing returning cast(id as bigint)";
}

std::string update_products_text(backend k) {
  return "update product set external_id = x.ei, name = x.na, price = x.pr, "
         "detail = x.de, category_id = x.cg, deleted = x.dl, updated_at = x.ua, "
         "version = x.ve, image_url = x.iu, sort_key = x.sk"
         + (k == backend::postgresql ? ", search_name = " + words_column("x.sn")
                                         + ", search = " + words_column("x.sn || ' ' || x.sd")
                                     : "")
         + " from " + product_rows(k)
         + " where product.id = x.id and product.version = x.x and (x.cg is null or "
           "exists (select 1 from category c where c.id = x.cg)) and (x.ei is null or "
           "not exists (select 1 from product o where o.external_id = x.ei and o.id <> x.id)) "
           "returning cast(product.id as bigint)";
}

std::string changed_order_rows(backend k) {
  return rows_of(k, "rows",
                 {{"id", "bigint"},
                  {"st", "smallint"},
                  {"ua", "bigint"},
                  {"ve", "bigint"},
                  {"hi", "text"},
                  {"x", "bigint"},
                  {"li", "text"},
                  {"tq", "bigint"},
                  {"ta", "bigint"}});
}

std::string for_update(backend k, std::string_view of) {
  // SQLite has one writer, who holds the whole file.
  return k == backend::postgresql ? " for update of " + std::string{of} : "";
}

constexpr std::string_view one_of_ours =
  "where ownership.domain = x.d and ownership.shard = x.s and ownership.epoch = x.e";

} // namespace

statements::statements(soci::session& s, backend k)
  : writer_batch{s, "select batch from writer where id = :id" + for_update(k, "writer"), {"id"}},
    owners{s, "select domain, shard, epoch from ownership where node = :node", {"node"}},
    lock_stock{s,
               "select cast(product_id as bigint), quantity, version from stock "
               "where product_id in (select p from "
                 + rows_of(k, "rows", {{"p", "bigint"}}) + ") order by product_id"
                 + for_update(k, "stock"),
               {"rows"}},
    // The plan is a loop over the rows, so counts are locked in their order; see the session's
    // settings. The condition is the arbiter against other nodes.
    add_stock{s,
              "update stock set quantity = quantity + x.a, version = version + 1, "
              "updated_at = cast(:now as bigint) from "
                + amounts_of(k)
                + " where stock.product_id = x.p and quantity + x.a >= 0 "
                  "returning cast(stock.product_id as bigint), stock.quantity, stock.version",
              {"rows", "now"}},
    create_stock{s,
                 "insert into stock (product_id, quantity, version, updated_at) "
                 "select p, a, 1, cast(:now as bigint) from "
                   + amounts_of(k),
                 {"rows", "now"}},
    keep{s,
         "insert into idempotency (id, fingerprint, answer, created_at) "
         "select i, f, a, cast(:now as bigint) from "
           + rows_of(k, "rows", {{"i", "text"}, {"f", "text"}, {"a", "text"}})
           + " where true on conflict (id) do nothing returning id",
         {"rows", "now"}},
    kept{s,
         "select id, fingerprint, answer from idempotency where id in (select i from "
           + rows_of(k, "rows", {{"i", "text"}}) + ")",
         {"rows"}},
    insert_users{s,
                 "insert into users (id, username, username_key, email, email_key, password_hash, "
                 "first_name, last_name, full_name, phone, role, disabled, created_at, updated_at, "
                 "version, addresses, sessions, reset_hash, reset_expires, password_version) "
                 "select id, un, uk, em, ek, ph, fi, la, fu, te, ro, di, ca, ua, ve, ad, se, rh, "
                 "re, pv from "
                   + user_rows(k) + " where true on conflict do nothing returning cast(id as text)",
                 {"rows"}},
    update_users{
      s,
      "update users set username = x.un, username_key = x.uk, email = x.em, "
      "email_key = x.ek, password_hash = case when x.ph = '' then password_hash else x.ph "
      "end, first_name = x.fi, last_name = x.la, full_name = x.fu, phone = x.te, "
      "role = x.ro, disabled = x.di, updated_at = x.ua, version = x.ve, addresses = x.ad, "
      "sessions = x.se, reset_hash = x.rh, reset_expires = x.re, password_version = x.pv from "
        + user_rows(k)
        + " where users.id = x.id and users.version = x.x and not exists (select 1 "
          "from users o where o.id <> x.id "
          "and (o.username_key = x.uk or o.email_key = x.ek)) "
          "returning cast(users.id as text)",
      {"rows"}},
    delete_users{s,
                 "delete from users where exists (select 1 from " + user_rows(k)
                   + " where x.id = users.id and x.x = users.version) "
                     "returning cast(users.id as text)",
                 {"rows"}},
    lock_admins{s,
                "select cast(id as text) from users where role = 1 and disabled = 0 order by id"
                  + for_update(k, "users"),
                {}},
    insert_revocations{s,
                       "insert into revocation (user_id, session, before, created_at) "
                       "select u, s, b, cast(:now as bigint) from "
                         + rows_of(k, "rows", {{"u", "uuid"}, {"s", "text"}, {"b", "bigint"}}),
                       {"rows", "now"}},
    delete_revocations{s,
                       "delete from revocation where id in (select id from revocation "
                       "where created_at < cast(:before as bigint) order by created_at "
                       "limit 10000)",
                       {"before"}},
    login_taken{s,
                "select coalesce(sum(case when username_key = :name then 1 else 0 end), 0), "
                "count(*) from users "
                "where (username_key = :name or email_key = :address) and cast(id as text) <> :id",
                {"name", "address", "id"}},
    lock_categories{s, lock_categories_text(k, "key share"), {"rows"}},
    lock_categories_alone{s, lock_categories_text(k, "update"), {"rows"}},
    insert_categories{s,
                      "insert into category (id, parent_id, name, created_at, updated_at, version) "
                      "select id, pa, na, ca, ua, ve from "
                        + category_rows(k)
                        + " where pa is null or exists (select 1 from category c where c.id = pa) "
                          "on conflict do nothing returning cast(id as bigint)",
                      {"rows"}},
    update_categories{
      s,
      "update category set parent_id = x.pa, name = x.na, updated_at = x.ua, version = x.ve from "
        + category_rows(k)
        + " where category.id = x.id and category.version = x.x and (x.pa is null or "
          "exists (select 1 from category c where c.id = x.pa)) "
          "returning cast(category.id as bigint)",
      {"rows"}},
    delete_categories{
      s,
      "delete from category where (id, version) in (select id, x from "
        + rows_of(k, "rows", {{"id", "bigint"}, {"x", "bigint"}})
        + ") and not exists (select 1 from category c where c.parent_id = category.id) "
          "and not exists (select 1 from product p where p.category_id = category.id) "
          "returning cast(id as bigint)",
      {"rows"}},
    category_version{s, "select version from category where id = cast(:id as bigint)", {"id"}},
    insert_products{s, insert_products_text(k), {"rows"}},
    update_products{s, update_products_text(k), {"rows"}},
    external_id_others{
      s,
      "select count(*) from product where external_id = :external and id <> cast(:id as bigint)",
      {"external", "id"}},
    category_exists{s, "select count(*) from category where id = cast(:id as bigint)", {"id"}},
    insert_payments{
      s,
      "insert into payment (reference, order_id, amount, created_at) select re, o, am, ca from "
        + rows_of(k, "rows", {{"re", "text"}, {"o", "bigint"}, {"am", "bigint"}, {"ca", "bigint"}})
        + " where true on conflict do nothing returning reference",
      {"rows"}},
    payments{
      s,
      "select reference, cast(order_id as bigint) from payment where reference in (select re "
      "from "
        + rows_of(k, "rows", {{"re", "text"}}) + ")",
      {"rows"}},
    // Its lines and totals are named only if they change: most changes are of the status.
    update_orders{s,
                  "update orders set status = x.st, lines = coalesce(x.li, lines), "
                  "total_quantity = coalesce(x.tq, total_quantity), "
                  "total_amount = coalesce(x.ta, total_amount), updated_at = x.ua, "
                  "version = x.ve, changes = x.hi, unpaid_since = "
                  "case when payment = 1 and x.st in (0, 1) then created_at end from "
                    + changed_order_rows(k)
                    + " where orders.id = x.id and orders.version = x.x "
                      "returning cast(orders.id as bigint)",
                  {"rows"}},
    // A cart's only writer is its shard, so its version says whether the row is the one it knows.
    write_carts{
      s,
      "insert into cart (user_id, lines, updated_at, version) select id, li, ua, ve from "
        + rows_of(k, "rows", {{"id", "uuid"}, {"li", "text"}, {"ua", "bigint"}, {"ve", "bigint"}})
        + " where true on conflict (user_id) do update set lines = excluded.lines, "
          "updated_at = excluded.updated_at, version = excluded.version "
          "where cart.version = excluded.version - 1 "
          "returning cast(user_id as text)",
      {"rows"}},
    save_position{s,
                  "insert into event_reader (consumer, xid, id) values (:consumer, "
                  "cast(:xid as bigint), cast(:id as bigint)) on conflict (consumer) do update set "
                  "xid = excluded.xid, id = excluded.id",
                  {"consumer", "xid", "id"}},
    fence{s,
          "update ownership set incarnation = incarnation + 1 from " + owners_of(k)
            + " where ownership.domain = x.d and ownership.shard = x.s and ownership.node = :node "
              "returning ownership.domain, ownership.shard, ownership.incarnation, ownership.epoch",
          {"node", "rows"}},
    take_ids{s,
             "update id_block set next = next + cast(:count as bigint) from " + owners_of(k)
               + " where id_block.domain = x.d and id_block.shard = x.s and exists (select 1 from "
                 "ownership o where o.domain = x.d and o.shard = x.s and o.epoch = x.e) "
                 "returning id_block.domain, id_block.shard, id_block.next",
             {"count", "rows"}},
    delete_answers{s,
                   "delete from idempotency where id in (select id from idempotency "
                   "where created_at < cast(:before as bigint) order by created_at limit 10000)",
                   {"before"}},
    kind_{k},
    session_{s} {
  if (k == backend::postgresql) {
    claim_all_ = std::make_unique<query<long long, long long, std::string>>(
      s,
      "with w as (update writer set batch = cast(:batch as bigint) where id = :id "
      "and batch = cast(:batch as bigint) - 1 returning 1), "
      "o as (select 1 from ownership, "
        + owners_of(k) + " " + std::string{one_of_ours}
        + " order by ownership.domain, ownership.shard for share of ownership) "
          "select (select count(*) from w), (select count(*) from o), "
          "(select coalesce(string_agg(cast(nextval('event_block') as text), ' '), '') "
          "from generate_series(1, cast(:blocks as bigint)))",
      std::initializer_list<std::string_view>{"batch", "id", "rows", "blocks"});
    for (auto* table : {&orders_table, &order_times_table, &movements_table, &events_table})
      prepare(s, table->insert,
              std::string{"insert into "}
                .append(table->name)
                .append(" (")
                .append(table->columns)
                .append(") values (")
                .append(table->values)
                .append(")"));
    return;
  }
  write_words = std::make_unique<query<>>(s, write_words_text(),
                                          std::initializer_list<std::string_view>{"rows"});
  claim_writer_ = std::make_unique<query<>>(
    s, "update writer set batch = cast(:batch as bigint) where id = :id and batch = :batch - 1",
    std::initializer_list<std::string_view>{"batch", "id"});
  claim_owned_ = std::make_unique<query<long long>>(
    s, "select count(*) from ownership, " + owners_of(k) + " " + std::string{one_of_ours},
    std::initializer_list<std::string_view>{"rows"});
  append_orders_ =
    std::make_unique<query<>>(s, insert_orders(), std::initializer_list<std::string_view>{"rows"});
  append_movements_ = std::make_unique<query<>>(s, insert_movements(),
                                                std::initializer_list<std::string_view>{"rows"});
  append_events_ = std::make_unique<query<long long>>(
    s, insert_events(), std::initializer_list<std::string_view>{"rows"});
}

} // namespace souk::persistence
