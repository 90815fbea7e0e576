#include "platform/console/preview/preview.h"

#include "platform/console/preview/sample.h"

namespace millrace::console {

http::Response Preview::object(Call& call) {
  const Place place{.kind = Place::Kind::S3, .container = call.parts[0], .path = call.parts[1]};
  return json_answer(sample(files_.open(call, place), place.text()));
}

http::Response Preview::place(Call& call) {
  const Place place = Place::parse(call.text("place"), "query parameter 'place'");
  return json_answer(sample(files_.open(call, place), place.text()));
}

}  // namespace millrace::console
