// Customers' tokens: minted with the server's secret, or earned by registering and logging in.
#pragma once

#include "scripts/loadgen/net.hpp"
#include "scripts/loadgen/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace souk::loadgen {

/// An HS256 JWT of role USER as the server issues them. Times in seconds since 1970.
std::string mint_token(std::string_view secret, const std::string& user_id,
                       const std::string& username, int64_t issued_at, int64_t expires_at);

/// The id of the n-th customer (from 1) when no file names them:
/// `01900000-0000-7000-8000-` and n as twelve hexadecimal digits.
std::string customer_id(uint64_t n);

/// The lines of a file that are not empty. Throws `failure`.
std::vector<std::string> read_lines(const std::string& path);

/// One token a customer. With a secret they are minted; else customers are registered and logged
/// in over a few connections, with progress on stderr. Throws `failure`.
std::vector<std::string> make_tokens(const options& opts, const endpoint& to);

} // namespace souk::loadgen
