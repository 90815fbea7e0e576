#include "platform/runner/channels/touched_objects.h"

#include <map>
#include <string>

namespace millrace::runner {

using wire::control::PlaceAccess;
using wire::control::PlaceKind;

void tell_touched(const ChannelSurroundings& around, const wire::control::TicketChannel& channel,
                  const ObjectSource& source) {
  const wire::control::TicketS3Source& told = *channel.s3_source;
  const std::string by = "channel '" + channel.channel_name + "'";
  const bool is_prefix = told.s3_data_type == "S3Prefix";
  std::map<std::string, Amount> places;
  for (const ChannelObject* object : source.shared_objects()) {
    Amount& amount = places[is_prefix ? told.s3_uri
                                      : "s3://" + object->name.bucket + "/" + source.name_prefix()];
    ++amount.objects;
    amount.bytes += object->size;
  }
  if (!is_prefix)
    around.residency.touch(PlaceKind::S3, told.s3_uri, PlaceAccess::Read, by + ", its manifest");
  for (const auto& [place, amount] : places)
    around.residency.touch(PlaceKind::S3, place, PlaceAccess::Read, by, amount);
}

}  // namespace millrace::runner
