#include "platform/records/images.h"

#include "core/json/json.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT name, command, read_only_binds, created_at, container FROM images ";

std::vector<std::string> strings(const std::string& json, const std::string& name) {
  const std::string origin = "the record of image " + name;
  try {
    return parse_json(json, origin).get<std::vector<std::string>>();
  } catch (const Json::exception& error) {
    throw Error(Blame::Customer, origin + ": " + error.what() + ". Add the image again.");
  }
}

ImageRow row_of(const Statement& rows) {
  return {.name = rows.text(0),
          .command = strings(rows.text(1), rows.text(0)),
          .read_only_binds = strings(rows.text(2), rows.text(0)),
          .created_at = rows.time(3),
          .container = rows.text(4)};
}

}  // namespace

void ImageTable::put(const ImageRow& row) {
  connection_
      .prepare(
          "INSERT INTO images (name, command, read_only_binds, created_at, container) "
          "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET "
          "command = excluded.command, read_only_binds = excluded.read_only_binds, "
          "created_at = excluded.created_at, container = excluded.container")
      .bind(row.name, to_text(Json(row.command)), to_text(Json(row.read_only_binds)),
            row.created_at, row.container)
      .run();
}

std::optional<ImageRow> ImageTable::find(std::string_view name) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE name = $1");
  if (!rows.bind(name).step()) return std::nullopt;
  return row_of(rows);
}

bool ImageTable::remove(std::string_view name) {
  auto gone = connection_.prepare("DELETE FROM images WHERE name = $1 RETURNING name");
  return gone.bind(name).step();
}

std::vector<ImageRow> ImageTable::list(const Unreadable& unreadable) {
  auto rows = connection_.prepare(std::string(kSelect) + "ORDER BY name");
  std::vector<ImageRow> found;
  while (rows.step()) {
    try {
      found.push_back(row_of(rows));
    } catch (const Error& error) {
      unreadable(rows.text(0), error);
    }
  }
  return found;
}

}  // namespace millrace::records
