#include "actors/user/actor.hpp"

#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"
#include "actors/user/shared.hpp"

#include <sodium.h>

namespace souk::actors {

void user_state::start(user_config c, user_peers peers) {
  accounts_ = lru_cache<domain::uuid, domain::account>{c.cached};
  rules_ = c;
  readers_ = std::move(peers.readers);
  passwords_ = std::move(peers.passwords);
  mailers_ = std::move(peers.mailers);
  revocations_ = std::move(peers.revocations);
  shard_base::start(std::move(c), std::move(peers.writer));
}

/// A version 7 UUID whose last bytes lead back to this shard.
domain::uuid user_state::new_id() {
  std::array<uint8_t, 10> random{};
  randombytes_buf(random.data(), random.size());
  auto id = domain::make_uuid_v7(config.now(), random);
  for (uint32_t low = 0; domain::shard_of(id, config.shards) != config.shard; ++low) {
    id.bytes[14] = static_cast<uint8_t>(low >> 8);
    id.bytes[15] = static_cast<uint8_t>(low);
  }
  return id;
}

void user_state::with_account(const domain::uuid& id, account_done done, failed no) {
  if (auto* x = accounts_.find(id))
    return done(domain::account{*x});
  read_own<domain::account>(
    readers_, load_user{id},
    [this, done, forgotten = forgotten_](domain::account& found) {
      // A change may have been committed while this was read. If it was the account's end, nothing
      // is left here to tell, so what was read before any end is answered but not remembered.
      auto* known = accounts_.find(found.user.id);
      if (known == nullptr && forgotten != forgotten_)
        return done(found);
      if (known == nullptr || known->user.version < found.user.version)
        known = &remember(found);
      done(domain::account{*known});
    },
    std::move(no));
}

domain::account& user_state::remember(const domain::account& x) {
  const auto& d = x.details;
  return accounts_.put(x.user.id, x, 1 + (d.addresses.size() + d.sessions.size()) / 4);
}

void user_state::forget_account(const domain::uuid& id) {
  accounts_.erase(id);
  ++forgotten_;
}

void user_state::hash(const std::string& password, std::function<void(std::string)> done,
                      failed no) {
  ask<std::string>(
    passwords_.any(), hash_timeout, hash_password{password},
    [done](std::string& made) { done(std::move(made)); },
    [no](const caf::error& why) { no(of_read(why)); });
}

void user_state::revoke(const std::vector<revocation>& items) {
  if (revocations_)
    revocations_->add(items, config.now());
}

caf::result<user_answer> user_state::add(register_user& cmd) {
  promised<user_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)]() mutable {
    if (!user_answers_.begin(cmd.call.key, p))
      return;
    if (!cmd.password_hash.empty())
      return save(cmd.call, p, std::move(cmd.profile), std::move(cmd.password_hash));
    hash(
      cmd.password,
      [=, this](std::string made) { save(cmd.call, p, cmd.profile, std::move(made)); },
      [=, this](const caf::error& why) { user_answers_.fail(cmd.call.key, p, why); });
  });
  return p.raw();
}

void user_state::save(const call& c, const promised<user_answer>& p, domain::user profile,
                      std::string hash) {
  auto now = config.now();
  profile.id = new_id();
  profile.created_at = profile.updated_at = now;
  profile.version = 1;
  write w;
  w.request_id = c.request_id;
  w.user = row_change<user_row>{{profile, std::move(hash)}, 0};
  w.events.push_back(user_event("user_registered", profile.id, now));
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(profile)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::replayed)
        return answer_from_row(user_answers_, c.key, p, answer, decode_user);
      if (answer.refused != refusal::none)
        return refuse<domain::user>(c, p, caf::make_error(to_error(answer.refused)));
      remember({profile, {}});
      user_answers_.succeed(c.key, p, profile);
    },
    [=, this](ec code) { user_answers_.fail(c.key, p, caf::make_error(code)); });
}

caf::result<domain::user> user_state::get(const get_user& cmd) {
  if (auto* x = accounts_.find(cmd.id))
    return x->user;
  promised<domain::user> p{self};
  with_account(
    cmd.id, [p](const domain::account& x) { p.deliver(x.user); },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<user_answer> user_state::change(change_user& cmd) {
  promised<user_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!user_answers_.begin(cmd.call.key, p))
      return;
    auto go = [=, this](const std::string& made) {
      auto apply = [=, this](domain::account& x, user_row& row, write& w) {
        return change_profile(x, cmd, made, row, w);
      };
      take_turn<domain::user>({cmd.call, cmd.id, p, apply, ec::not_found, {}});
    };
    if (!cmd.password)
      return go({});
    hash(*cmd.password, go,
         [=, this](const caf::error& why) { user_answers_.fail(cmd.call.key, p, why); });
  });
  return p.raw();
}

edited<domain::user> user_state::change_profile(domain::account& x, const change_user& cmd,
                                                const std::string& hash, user_row& row, write& w) {
  auto& u = x.user;
  const auto old = u;
  u.username = cmd.username.value_or(u.username);
  u.email = cmd.email.value_or(u.email);
  u.first_name = cmd.first_name.value_or(u.first_name);
  u.last_name = cmd.last_name.value_or(u.last_name);
  u.full_name = cmd.full_name.value_or(u.full_name);
  u.phone = cmd.phone.value_or(u.phone);
  u.role = cmd.role.value_or(u.role);
  u.disabled = cmd.disabled.value_or(u.disabled);
  if (u == old && !cmd.password)
    return {}; // written all the same, so that a retry with its key is known
  u.updated_at = config.now();
  // Logging in takes either: nobody's name may be another one's address.
  if (u.username.find('@') != std::string::npos
      && domain::fold_login(u.username) != domain::fold_login(u.email))
    return {{}, ec::invalid_value};
  const auto administrates = [](const domain::user& who) {
    return who.role == domain::user_role::admin && !who.disabled;
  };
  row.demotes = administrates(old) && !administrates(u);
  if (u.email != old.email)
    x.details.reset_hash.clear(); // the mail went to an address that may be another's by now
  if (cmd.password) {
    row.password_hash = hash;
    ++x.details.password_version;
    x.details.reset_hash.clear();
  }
  if (cmd.password || (u.disabled && !old.disabled))
    end_all_sessions(x, w);
  else if (u.role != old.role) // the sessions stay: their next tokens have the new role
    w.revocations.push_back({u.id, {}, u.updated_at});
  w.events.push_back(user_event("user_changed", u.id, u.updated_at));
  return {};
}

caf::result<user_answer> user_state::remove(const remove_user& cmd) {
  return run<domain::user>(cmd.call, cmd.id, [this](domain::account& x, user_row& row, write& w) {
    row.remove = true;
    row.demotes = x.user.role == domain::user_role::admin && !x.user.disabled;
    end_all_sessions(x, w);
    w.events.push_back(user_event("user_deleted", x.user.id, config.now()));
    return edited<domain::user>{};
  });
}

user_impl::behavior_type user_behavior(user_impl::stateful_pointer<user_state> self,
                                       user_config config, user_peers peers) {
  self->state.start(std::move(config), std::move(peers));
  return {
    [self](register_user& x) { return self->state.add(x); },
    [self](log_in& x) { return self->state.log_in(x); },
    [self](open_session& x) { return self->state.open(x); },
    [self](refresh_session& x) { return self->state.refresh(x); },
    [self](const end_sessions& x) { return self->state.end(x); },
    [self](change_password& x) { return self->state.change(x); },
    [self](begin_reset& x) { return self->state.begin(x); },
    [self](reset_password& x) { return self->state.reset(x); },
    [self](const get_user& x) { return self->state.get(x); },
    [self](change_user& x) { return self->state.change(x); },
    [self](const remove_user& x) { return self->state.remove(x); },
    [self](const list_users& x) { return self->state.list(x); },
    [self](const list_addresses& x) { return self->state.list(x); },
    [self](const get_address& x) { return self->state.get(x); },
    [self](put_address& x) { return self->state.put(x); },
    [self](const remove_address& x) { return self->state.remove(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
  };
}

} // namespace souk::actors
