// What a shard does with the database's word on a command that has an Idempotency-Key.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/shard.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace souk::actors {

/// Refuses a command, unless it succeeded before: a retry must get that answer, not a refusal by
/// what came after. `decode` reads the kept answer's text.
template <class T, class Decode>
void refuse_unless_kept(shard_base* shard, router<reader_actor>& readers, kept_answers<T>& answers,
                        const idempotency_key& key, const promised<answer<T>>& p, caf::error why,
                        Decode decode) {
  if (key.id.empty())
    return answers.fail(key, p, why);
  shard->ask<kept_answer_found>(
    readers.any(), shard->config.request_timeout, load_kept_answer{key.id},
    [=, &answers](const kept_answer_found& found) {
      std::optional<T> value;
      if (found.kept)
        value = decode(found.kept->answer);
      if (value)
        answers.replayed(key, p, found.kept->fingerprint, std::move(*value));
      else
        answers.fail(key, p, why);
    },
    [=, &answers](const caf::error&) { answers.fail(key, p, caf::make_error(ec::overloaded)); });
}

/// Answers from the row that refused a write (`refusal::replayed`).
template <class T, class Decode>
void answer_from_row(kept_answers<T>& answers, const idempotency_key& key,
                     const promised<answer<T>>& p, const written& w, Decode decode) {
  std::optional<T> value;
  if (w.kept)
    value = decode(w.kept->answer);
  if (value)
    answers.replayed(key, p, w.kept->fingerprint, std::move(*value));
  else
    answers.fail(key, p, caf::make_error(ec::internal));
}

/// A refusal that needs no more words than its code.
inline ec to_error(refusal why) {
  switch (why) {
  case refusal::none: return ec::none;
  case refusal::replayed: return ec::internal; // answered from the row instead
  case refusal::out_of_stock: return ec::out_of_stock;
  case refusal::stale_version: return ec::stale_version;
  case refusal::username_taken: return ec::username_taken;
  case refusal::email_taken: return ec::email_taken;
  case refusal::external_id_taken: return ec::external_id_taken;
  case refusal::category_not_found: return ec::category_not_found;
  case refusal::not_found: return ec::not_found;
  case refusal::invalid: return ec::invalid_value;
  case refusal::reference_taken: return ec::reference_taken;
  case refusal::last_administrator: return ec::last_administrator;
  case refusal::category_not_empty: return ec::category_not_empty;
  }
  return ec::internal;
}

} // namespace souk::actors
