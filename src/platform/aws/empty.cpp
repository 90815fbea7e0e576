#include "platform/aws/empty.h"

#include "core/json/json.h"

namespace millrace::wire {

void to_json(Json& json, const Empty&) { json = Json::object(); }

void from_json(const Json&, Empty&) {}

}  // namespace millrace::wire
