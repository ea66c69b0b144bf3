// How a user shard changes an account: once for all commands.
#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"
#include "actors/user/actor.hpp"

#include <utility>

namespace souk::actors {

namespace {

/// How each kind of answer is kept.
auto decoder(const domain::user*) {
  return decode_user;
}
auto decoder(const domain::kept_address*) {
  return decode_kept_address;
}
/// Tokens are not kept.
auto decoder(const session_opened*) {
  return [](std::string_view) { return std::optional<session_opened>{}; };
}
std::string encode(const session_opened&) {
  return {};
}

} // namespace

template <>
kept_answers<domain::user>& user_state::answers() {
  return user_answers_;
}
template <>
kept_answers<domain::kept_address>& user_state::answers() {
  return address_answers_;
}
template <>
kept_answers<session_opened>& user_state::answers() {
  return session_answers_;
}

template <class T>
void user_state::refuse(const call& c, const promised<answer<T>>& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers<T>(), c.key, p, std::move(why),
                     decoder(static_cast<const T*>(nullptr)));
}

template <class T>
caf::result<answer<T>> user_state::run(const call& c, const domain::uuid& id, edit<T> apply,
                                       ec missing) {
  promised<answer<T>> p{self};
  when_ready(c, p, [=, this, apply = std::move(apply)] {
    if (answers<T>().begin(c.key, p))
      take_turn<T>({c, id, p, apply, missing, {}});
  });
  return p.raw();
}

template <class T>
void user_state::take_turn(change_of<T> x) {
  auto id = x.id;
  changing_.begin(id, [this, x = std::move(x)] {
    if (late(x.call)) {
      answers<T>().fail(x.call.key, x.promise, caf::make_error(ec::overloaded));
      return changing_.end(x.id);
    }
    with_account(
      x.id, [this, x](const domain::account& old) { apply_edit<T>(x, old); },
      [this, x](caf::error why) {
        if (code_of(why) == ec::not_found)
          why = caf::make_error(x.missing);
        refuse<T>(x.call, x.promise, std::move(why));
        changing_.end(x.id);
      });
  });
}

template <class T>
void user_state::apply_edit(const change_of<T>& x, const domain::account& old) {
  auto next = old;
  user_row row;
  write w;
  w.request_id = x.call.request_id;
  auto made = x.apply(next, row, w);
  if (made.refused != ec::none && !made.save_anyway) {
    refuse<T>(x.call, x.promise, caf::make_error(made.refused));
    return changing_.end(x.id);
  }
  next.user.version = old.user.version + 1;
  if constexpr (std::is_same_v<T, domain::user> || std::is_same_v<T, session_opened>) {
    domain::user& shown = [&]() -> domain::user& {
      if constexpr (std::is_same_v<T, domain::user>)
        return made.value;
      else
        return made.value.user;
    }();
    shown = next.user;
  }
  row.user = next.user;
  row.details = next.details;
  w.user = row_change<user_row>{std::move(row), old.user.version};
  if (!x.call.key.id.empty() && made.refused == ec::none)
    w.keep = kept_answer{x.call.key.id, x.call.key.fingerprint, encode(made.value)};
  save_edit<T>(x, std::move(w), std::move(next), std::move(made));
}

template <class T>
void user_state::save_edit(const change_of<T>& x, write w, domain::account next, edited<T> made) {
  const bool removed = w.user->row.remove;
  x.promise.if_lost(ec::outcome_unknown);
  auto revoked = w.revocations;
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::none) {
        revoke(revoked);
        if (removed)
          forget_account(x.id);
        else
          remember(next);
        if (made.refused != ec::none)
          answers<T>().fail(x.call.key, x.promise, caf::make_error(made.refused));
        else
          answers<T>().succeed(x.call.key, x.promise, made.value);
        if (x.committed)
          x.committed();
      } else if (answer.refused == refusal::replayed) {
        answer_from_row(answers<T>(), x.call.key, x.promise, answer,
                        decoder(static_cast<const T*>(nullptr)));
      } else {
        forget_account(x.id); // someone else may have written it: read it anew
        auto code = to_error(answer.refused);
        refuse<T>(x.call, x.promise,
                  caf::make_error(code == ec::stale_version ? ec::overloaded : code));
      }
      changing_.end(x.id);
    },
    [=, this](ec code) {
      if (code == ec::outcome_unknown)
        revoke(revoked); // too much rather than too little: the tokens can be renewed
      answers<T>().fail(x.call.key, x.promise, caf::make_error(code));
      changing_.end(x.id);
    });
}

// For the commands' sources: what they do to an account is theirs, how it is done stands here
// alone.
template void user_state::refuse(const call& c, const promised<answer<domain::user>>& p,
                                 caf::error why);
template caf::result<answer<domain::user>> user_state::run(const call& c, const domain::uuid& id,
                                                           edit<domain::user> apply, ec missing);
template void user_state::take_turn(change_of<domain::user> x);
template void user_state::refuse(const call& c, const promised<answer<domain::kept_address>>& p,
                                 caf::error why);
template caf::result<answer<domain::kept_address>> user_state::run(const call& c,
                                                                   const domain::uuid& id,
                                                                   edit<domain::kept_address> apply,
                                                                   ec missing);
template void user_state::take_turn(change_of<domain::kept_address> x);
template void user_state::refuse(const call& c, const promised<answer<session_opened>>& p,
                                 caf::error why);
template caf::result<answer<session_opened>>
user_state::run(const call& c, const domain::uuid& id, edit<session_opened> apply, ec missing);
template void user_state::take_turn(change_of<session_opened> x);

} // namespace souk::actors
