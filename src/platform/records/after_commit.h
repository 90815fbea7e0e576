#pragma once

#include <functional>

#include "platform/records/connection.h"

namespace millrace::records {

/// Within Database::write: `then` is called once the transaction is durable, in the order of the
/// transactions and before any write() that shares it returns; not at all when what the function of
/// that write() did is undone. For what is kept in memory of the database: told earlier, it could
/// be of changes that never were. `then` neither throws nor writes to the database.
void after_commit(Connection& transaction, std::function<void()> then);

}  // namespace millrace::records
