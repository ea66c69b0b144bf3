// Reads the external catalog's answers. No framework but the JSON parser.
#pragma once

#include "actors/domain/money.hpp"
#include "actors/messages/external.hpp"

#include <cstdint>
#include <string_view>

namespace souk::external {

enum class document_kind : uint8_t {
  product,
  absent,   ///< `null`, or `null` under "product"
  unusable, ///< JSON, but no product that this shop can sell
  not_json,
};

struct document {
  document_kind kind = document_kind::not_json;
  actors::external_product product; ///< set if it is one; without an id if the source told none
};

/// Reads `{id, title | name, price, description | detail, category, image | image_url | images}`,
/// or the same under "product". The price may be a number or a string and is rounded half up to
/// `currency_digits`, never by way of a double. Too long texts are cut; an image that is no http(s)
/// address is left out. An id may be missing, but what is there must be one.
document read_document(std::string_view body, int currency_digits);

/// As domain::parse_money, but rounds half up what has more digits than the currency. Negative
/// amounts are no numbers here.
domain::parsed_money round_money(std::string_view text, int digits);

/// Whether the id that a source tells is the one that was asked for: the same text, or the same
/// whole number however it is written.
bool same_id(std::string_view told, std::string_view asked);

/// Whether a catalog can be asked for this id at all: 1 to 200 characters, none of them a control
/// character, and neither `.` nor `..`, which would change the path.
bool usable_id(std::string_view id);

} // namespace souk::external
