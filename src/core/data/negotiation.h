#pragma once

#include <span>
#include <string_view>

#include "core/data/content_types.h"

namespace millrace {

/// Codes of the errors below, by which a server tells the status of its answer.
inline constexpr std::string_view kUnsupportedMediaType = "UnsupportedMediaType";  ///< HTTP 415
inline constexpr std::string_view kNotAcceptable = "NotAcceptable";                ///< HTTP 406

/// Takes the Content-Type of a request apart. Throws Error(Customer) with the code
/// UnsupportedMediaType and the types of `understood` where it is none of them, and what
/// parse_content_type() throws for its parameters.
ContentType require_content_type(std::string_view text, std::span<const DataFormat> understood,
                                 std::string_view place);

/// What a request's Accept asks for, of the formats in `offered`; the first of them where it is
/// empty or a wildcard. Of a list the type with the greatest weight `q` that is offered, of equal
/// ones the first (RFC 9110 section 12.5.1). Throws Error(Customer) with the code NotAcceptable and
/// the types of `offered` where there is none, and what parse_content_type() throws for parameters.
ContentType choose_accepted(std::string_view accept, std::span<const DataFormat> offered,
                            std::string_view place);

}  // namespace millrace
