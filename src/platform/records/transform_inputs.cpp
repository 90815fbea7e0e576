#include "platform/records/transform_inputs.h"

#include "core/base/text.h"

namespace millrace::records {

void TransformInputTable::put(const Place& place, std::string_view objects) {
  connection_
      .prepare(
          "INSERT INTO transform_inputs (account, name_key, listing, page, objects) "
          "VALUES ($1, $2, $3, $4, $5) "
          "ON CONFLICT (account, name_key, listing, page) DO UPDATE SET objects = excluded.objects")
      .bind(place.account, to_lower(place.job), place.listing, place.page, objects)
      .run();
}

std::optional<std::string> TransformInputTable::find(const Place& place) {
  auto rows = connection_.prepare(
      "SELECT objects FROM transform_inputs "
      "WHERE account = $1 AND name_key = $2 AND listing = $3 AND page = $4");
  if (!rows.bind(place.account, to_lower(place.job), place.listing, place.page).step())
    return std::nullopt;
  return rows.text(0);
}

void TransformInputTable::erase_but(std::string_view account, std::string_view job,
                                    std::string_view listing) {
  connection_
      .prepare(
          "DELETE FROM transform_inputs WHERE account = $1 AND name_key = $2 AND listing <> $3")
      .bind(account, to_lower(job), listing)
      .run();
}

}  // namespace millrace::records
