#include "actors/user/actor.hpp"

#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <sodium.h>

namespace souk::actors {

namespace {

/// Argon2id at its slowest here takes well under a second, but several may wait for a worker.
constexpr auto hash_timeout = std::chrono::seconds{10};

/// For reads: whoever fell silent did nothing.
caf::error of_read(const caf::error& why) {
  auto code = code_of(why);
  return caf::make_error(code == ec::outcome_unknown ? ec::overloaded : code);
}

} // namespace

void user_state::start(shard_config c, router<writer_actor> writer, router<reader_actor> readers,
                       router<password_actor> passwords) {
  users_ = lru_cache<domain::uuid, domain::user>{c.cached};
  readers_ = std::move(readers);
  passwords_ = std::move(passwords);
  shard_base::start(std::move(c), std::move(writer));
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

caf::result<user_answer> user_state::add(register_user& cmd) {
  promise p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)]() mutable {
    if (!answers_.begin(cmd.call.key, p))
      return;
    ask<std::string>(
      passwords_.any(), hash_timeout, hash_password{std::move(cmd.password)},
      [=, this](std::string& hash) { save(cmd.call, p, cmd.profile, std::move(hash)); },
      [=, this](const caf::error& why) { answers_.fail(cmd.call.key, p, of_read(why)); });
  });
  return p.raw();
}

void user_state::save(const call& c, const promise& p, domain::user profile, std::string hash) {
  auto now = config.now();
  profile.id = new_id();
  profile.created_at = profile.updated_at = now;
  profile.version = 1;
  write w;
  w.request_id = c.request_id;
  w.user = row_change<user_row>{{profile, std::move(hash)}, 0};
  auto id = domain::to_string(profile.id);
  w.events.push_back({0, "user_registered", "user:" + id, "{\"user_id\":\"" + id + "\"}", now, {}});
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(profile)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::replayed)
        return answer_from_row(answers_, c.key, p, answer, decode_user);
      if (answer.refused != refusal::none)
        return refuse(c, p, caf::make_error(to_error(answer.refused)));
      users_.put(profile.id, profile);
      answers_.succeed(c.key, p, profile);
    },
    [=, this](ec code) { answers_.fail(c.key, p, caf::make_error(code)); });
}

void user_state::refuse(const call& c, const promise& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers_, c.key, p, std::move(why), decode_user);
}

/// Costs the same whether the user exists or not.
caf::result<domain::user> user_state::log_in(actors::log_in& cmd) {
  promised<domain::user> p{self};
  if (late(cmd.call)) {
    p.fail(ec::overloaded);
    return p.raw();
  }
  ask<credentials>(
    readers_.any(), config.request_timeout, load_credentials{domain::fold_login(cmd.login)},
    [this, p, password = std::move(cmd.password)](credentials& found) mutable {
      ask<bool>(
        passwords_.any(), hash_timeout,
        verify_password{std::move(password), found.row.password_hash},
        [p, user = std::move(found.row.user), exists = found.found](bool matches) {
          if (!matches || !exists)
            p.fail(ec::wrong_credentials);
          else if (user.disabled)
            p.fail(ec::account_disabled);
          else
            p.deliver(user);
        },
        [p](const caf::error& why) { p.fail(of_read(why)); });
    },
    [p](const caf::error& why) { p.fail(of_read(why)); });
  return p.raw();
}

caf::result<domain::user> user_state::get(const get_user& cmd) {
  if (auto* x = users_.find(cmd.id))
    return *x;
  promised<domain::user> p{self};
  read_own<domain::user>(
    readers_, load_user{cmd.id},
    [this, p](domain::user& found) {
      auto* known = users_.find(found.id);
      if (known == nullptr || known->version < found.version)
        known = &users_.put(found.id, std::move(found));
      p.deliver(*known);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

user_impl::behavior_type user_behavior(user_impl::stateful_pointer<user_state> self,
                                       shard_config config, router<writer_actor> writer,
                                       router<reader_actor> readers,
                                       router<password_actor> passwords) {
  self->state.start(std::move(config), std::move(writer), std::move(readers), std::move(passwords));
  return {
    [self](register_user& x) { return self->state.add(x); },
    [self](log_in& x) { return self->state.log_in(x); },
    [self](const get_user& x) { return self->state.get(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
  };
}

} // namespace souk::actors
