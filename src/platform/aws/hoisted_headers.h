#pragma once

#include "core/http/message.h"
#include "platform/aws/parameters.h"

namespace millrace::aws {

/// Of a presigned URL: the signature covers the query, so "?x-amz-meta-colour=red" is as good as
/// the header, and is what presigners make of one. Throws Error(Customer, InvalidArgument) for what
/// a header could not hold.
void restore_hoisted_headers(http::Request& request, const Parameters& query);

}  // namespace millrace::aws
