#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "generated/aws/s3/operations.h"
#include "platform/aws/router.h"
#include "platform/aws/rest_xml.h"

/// Any bytes as the XML body of a request: a document, or Error(Customer).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  namespace ops = wire::s3::ops;
  for (const aws::Operation* operation : {&ops::DeleteObjects::kOperation, &ops::CompleteMultipartUpload::kOperation,
                                          &ops::PutObjectTagging::kOperation, &ops::CreateBucket::kOperation}) {
    try {
      const aws::Route route{.operation = operation, .labels = {{"Bucket", "b"}, {"Key", "k"}}};
      static_cast<void>(aws::rest_request(route, aws::Parameters(""), {}, body));
    } catch (const Error& error) {
      MILLRACE_CHECK(error.blame() == Blame::Customer && error.code() == "MalformedXML");
    }
  }
  return 0;
}
