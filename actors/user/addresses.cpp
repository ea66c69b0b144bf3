// The user shard's addresses.
#include "actors/user/shared.hpp"

namespace souk::actors {

caf::result<address_list> user_state::list(const list_addresses& cmd) {
  promised<address_list> p{self};
  with_account(
    cmd.user_id, [p](const domain::account& x) { p.deliver({x.details.addresses}); },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<domain::kept_address> user_state::get(const get_address& cmd) {
  promised<domain::kept_address> p{self};
  with_account(
    cmd.user_id,
    [p, id = cmd.id](const domain::account& x) {
      if (const auto* found = domain::find_address(x.details, id))
        p.deliver(*found);
      else
        p.fail(ec::not_found);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<address_answer> user_state::put(put_address& cmd) {
  promised<address_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!address_answers_.begin(cmd.call.key, p))
      return;
    const bool is_new = cmd.address.id == 0;
    const auto go = [=, this](int64_t id) {
      auto apply = [=, this](domain::account& x, user_row&,
                             write&) -> edited<domain::kept_address> {
        auto wanted = cmd.address;
        wanted.id = id;
        if (is_new && x.details.addresses.size() >= rules_.max_addresses)
          return {{}, ec::too_many};
        if (is_new)
          domain::add_address(x.details, std::move(wanted));
        else if (!domain::replace_address(x.details, std::move(wanted)))
          return {{}, ec::not_found};
        return {*domain::find_address(x.details, id)};
      };
      take_turn<domain::kept_address>({cmd.call, cmd.user_id, p, apply, ec::not_found, {}});
    };
    if (!is_new)
      return go(cmd.address.id);
    with_id([this, go] { go(next_id()); },
            [=, this](ec code) { address_answers_.fail(cmd.call.key, p, caf::make_error(code)); });
  });
  return p.raw();
}

caf::result<user_answer> user_state::remove(const remove_address& cmd) {
  return run<domain::user>(
    cmd.call, cmd.user_id,
    [id = cmd.id](domain::account& x, user_row&, write&) -> edited<domain::user> {
      if (!domain::remove_address(x.details, id))
        return {{}, ec::not_found};
      return {};
    });
}

} // namespace souk::actors
