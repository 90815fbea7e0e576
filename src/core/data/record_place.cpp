#include "core/data/record_place.h"

#include <utility>

#include "core/base/error.h"

namespace millrace {

std::string record_origin(std::string_view origin, std::int64_t record) {
  return std::string(origin) + ", record " + std::to_string(record);
}

void refuse_record(const RecordPlace& place, std::string given, std::string expected,
                   std::string fix) {
  throw Error(Blame::Customer, Problem{.where = record_origin(place.origin, place.record) +
                                                ", byte " + std::to_string(place.byte),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

}  // namespace millrace
