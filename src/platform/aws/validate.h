#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/json/json.h"
#include "platform/aws/pattern.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// One member that breaks a constraint of the model.
struct Violation {
  enum class Rule { Missing, Length, Range, Pattern, Value };

  Rule rule;
  const Member* member;   ///< the member that holds the value
  Location location;      ///< where the top-level member that leads to it travels
  std::string path;       ///< "resourceConfig.instanceType", "inputDataConfig.1.member.channelName"
  std::string value;      ///< as received, cut; "null" when missing; hidden when the model calls it sensitive
  std::string constraint; ///< "Member must not be null"
};

/// Walks a document and its shape table. The only validator: no operation has code of its own for what the model says.
class Validator {
 public:
  /// Compiles the patterns of everything that `shape` reaches; before the first check().
  void prepare(const Shape& shape);

  /// Everything in `document` that breaks a constraint, in the model's order. Nulls are absent. Unknown members are
  /// ignored and logged, once each. Throws Error(Customer, SerializationException) for a member of the wrong JSON type.
  [[nodiscard]] std::vector<Violation> check(const Json& document, const Shape& shape) const;

 private:
  class Walk;

  std::unordered_map<const Shape*, Pattern> patterns_;
};

/// ValidationException in AWS's words, all violations in one message.
Error validation_exception(const std::vector<Violation>& violations);

/// The first violation in S3's vocabulary: InvalidArgument, InvalidBucketName, KeyTooLongError, MalformedXML, ...
Error s3_violation(const Violation& violation);

}  // namespace millrace::aws
