// What the shards say to persistence: one kind of write, and the fence. What they ask it is in
// store_reads.hpp.
#pragma once

#include "actors/domain/shards.hpp"
#include "actors/messages/boxed.hpp"
#include "actors/messages/call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

/// Who writes: one life of one shard. After one write of an incarnation failed or is unknown, all
/// its later ones are refused, because they were decided on memory that may be wrong.
struct incarnation {
  domain::domain_id domain{};
  uint32_t shard = 0;
  uint64_t number = 0; ///< given at the fence, ever growing
  uint64_t epoch = 0;  ///< of the ownership; another owner has a higher one
};

/// An event (part of the shop's history that others care about), written with the change itself.
struct event {
  int64_t id = 0;      ///< given at the commit; 0 before
  std::string kind;    ///< past tense, e.g. `order_placed`
  std::string subject; ///< whom it concerns, e.g. `order:42`; in order for one subject
  std::string payload; ///< JSON
  int64_t created_at = 0;
  std::string request_id; ///< of the request that caused it; not stored
};

/// How a write changes a count.
enum class stock_change_kind : uint8_t {
  add = 0,    ///< amount is a delta; refused as `out_of_stock` if the count would fall below 0
  set = 1,    ///< amount is the new count
  create = 2, ///< amount is the first count of a new product
};

struct stock_change {
  int64_t product_id = 0;
  stock_change_kind kind = stock_change_kind::add;
  int64_t amount = 0;
  std::string reason;           ///< kept in the movement
  int64_t order_id = 0;         ///< 0: none
  int64_t reservation_id = 0;   ///< the hold that ends with the commit; 0: none
  int64_t expected_version = 0; ///< 0: any; refused as `stale_version` otherwise
};

/// A row to insert (expected_version 0) or to replace if it still has that version.
template <class T>
struct row_change {
  T row{};
  int64_t expected_version = 0;
};

/// A new or changed user with the credentials that never leave persistence otherwise.
struct user_row {
  domain::user user;
  std::string password_hash = {}; ///< empty on a change: kept as it is
  domain::account_details details = {};
  bool remove = false;  ///< the row goes; only its version and id count
  bool demotes = false; ///< takes an administrator away: refused if it is the last one enabled
};

/// Access tokens of a user that were issued at `before` or earlier are refused from now on.
struct revocation {
  domain::uuid user;
  std::string session = {}; ///< empty: of all sessions
  int64_t before = 0;       ///< milliseconds since 1970
};

/// A payment's reference, which counts once in the shop.
struct payment_row {
  std::string reference;
  int64_t order_id = 0;
  int64_t amount = 0; ///< minor units
  int64_t created_at = 0;
};

/// The kept answer of a command with an Idempotency-Key.
struct kept_answer {
  std::string id;
  std::string fingerprint;
  std::string answer; ///< JSON of the typed answer (actors/messages/codec.hpp)
};

/// Takes a category away if it still has that version and nothing is in it.
struct category_removal {
  int64_t id = 0;
  int64_t expected_version = 0;
};

/// One command's changes: all of them or none. Most are an order's.
struct write {
  incarnation by;
  int64_t deadline = 0; ///< milliseconds since 1970; not begun by then: dropped, `write_expired`
  std::string request_id;
  std::optional<kept_answer> keep;
  std::vector<stock_change> stock; ///< each product once
  std::optional<row_change<domain::order>> order;
  boxed<row_change<domain::product>> product;
  boxed<row_change<user_row>> user;
  boxed<row_change<domain::category>> category;
  boxed<payment_row> payment;
  boxed<row_change<domain::cart>> cart;
  std::vector<event> events;
  std::vector<revocation> revocations = {};
  boxed<category_removal> removed_category;
};

/// Why a write had no effect although the database is well.
enum class refusal : uint8_t {
  none = 0,
  replayed,      ///< the idempotency key has its answer already: see `kept`
  out_of_stock,  ///< see `subject` and `levels`
  stale_version, ///< of the product, stock or order `subject`
  username_taken,
  email_taken,
  external_id_taken,
  category_not_found, ///< a product or category names one that does not exist
  not_found,          ///< a stock change on a product that has no row
  invalid,            ///< the database refused the data itself
  reference_taken,    ///< the payment's reference was used before; `subject`: by this order
  last_administrator, ///< nobody would be left to administrate the shop
  category_not_empty, ///< a category to be removed has products or categories below it
};

struct written {
  refusal refused = refusal::none;
  int64_t subject = 0;                     ///< the product (or order) that caused a refusal
  std::vector<domain::stock_level> levels; ///< of the products touched, as committed
  std::optional<kept_answer> kept;
};

/// The first word of a new incarnation: answered when all writes before it are decided.
struct fence {
  domain::domain_id domain{};
  uint32_t shard = 0;
};

/// `count` counters from `first` on, nobody else's ever; an id is `counter * shards + shard`.
struct id_block {
  int64_t first = 0;
  int64_t count = 0;
};

struct fenced {
  incarnation self;
  id_block ids;
};

/// Takes another block of ids, durably.
struct take_ids {
  incarnation by;
};

/// A place in the event log: everything up to here was read. Ids are not in the order of commits,
/// so the transaction's number comes first; it is 0 where there is one writer.
struct log_position {
  uint64_t transaction = 0;
  int64_t id = 0;
};

/// Keeps where a consumer stands.
struct save_log_position {
  std::string consumer;
  log_position position;
};

/// What was committed, for those who react to it; sent by persistence, in the order of commits.
struct events_committed {
  std::vector<event> items;
};

/// Events were committed: whoever reads the log may look. It can be lost, so readers look by
/// themselves, too.
struct log_grew {
  uint64_t events = 0; ///< how many
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, incarnation& x) {
  return f(caf::meta::type_name("incarnation"), x.domain, x.shard, x.number, x.epoch);
}
SOUK_INSPECTED(incarnation);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event& x) {
  return f(caf::meta::type_name("event"), x.id, x.kind, x.subject, x.payload, x.created_at,
           x.request_id);
}
SOUK_INSPECTED(event);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_change& x) {
  return f(caf::meta::type_name("stock_change"), x.product_id, x.kind, x.amount, x.reason,
           x.order_id, x.reservation_id, x.expected_version);
}
SOUK_INSPECTED(stock_change);
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, row_change<T>& x) {
  return f(caf::meta::type_name("row_change"), x.row, x.expected_version);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_row& x) {
  return f(caf::meta::type_name("user_row"), x.user, x.password_hash, x.details, x.remove,
           x.demotes);
}
SOUK_INSPECTED(user_row);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, revocation& x) {
  return f(caf::meta::type_name("revocation"), x.user, x.session, x.before);
}
SOUK_INSPECTED(revocation);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, payment_row& x) {
  return f(caf::meta::type_name("payment_row"), x.reference, x.order_id, x.amount, x.created_at);
}
SOUK_INSPECTED(payment_row);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, kept_answer& x) {
  return f(caf::meta::type_name("kept_answer"), x.id, x.fingerprint, x.answer);
}
SOUK_INSPECTED(kept_answer);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, category_removal& x) {
  return f(caf::meta::type_name("category_removal"), x.id, x.expected_version);
}
SOUK_INSPECTED(category_removal);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, write& x) {
  return f(caf::meta::type_name("write"), x.by, x.deadline, x.request_id, x.keep, x.stock, x.order,
           x.product, x.user, x.category, x.payment, x.cart, x.events, x.revocations,
           x.removed_category);
}
SOUK_INSPECTED(write);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, written& x) {
  return f(caf::meta::type_name("written"), x.refused, x.subject, x.levels, x.kept);
}
SOUK_INSPECTED(written);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fence& x) {
  return f(caf::meta::type_name("fence"), x.domain, x.shard);
}
SOUK_INSPECTED(fence);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, id_block& x) {
  return f(caf::meta::type_name("id_block"), x.first, x.count);
}
SOUK_INSPECTED(id_block);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fenced& x) {
  return f(caf::meta::type_name("fenced"), x.self, x.ids);
}
SOUK_INSPECTED(fenced);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, take_ids& x) {
  return f(caf::meta::type_name("take_ids"), x.by);
}
SOUK_INSPECTED(take_ids);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_position& x) {
  return f(caf::meta::type_name("log_position"), x.transaction, x.id);
}
SOUK_INSPECTED(log_position);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, save_log_position& x) {
  return f(caf::meta::type_name("save_log_position"), x.consumer, x.position);
}
SOUK_INSPECTED(save_log_position);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, events_committed& x) {
  return f(caf::meta::type_name("events_committed"), x.items);
}
SOUK_INSPECTED(events_committed);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_grew& x) {
  return f(caf::meta::type_name("log_grew"), x.events);
}
SOUK_INSPECTED(log_grew);

} // namespace souk::actors
