// What this process is called among the clients of a Kafka cluster.
#ifndef KEYFOLD_KAFKA_PROCESS_NAME_H_
#define KEYFOLD_KAFKA_PROCESS_NAME_H_

#include <string>

namespace keyfold {

// The host's name; "localhost" where it has none.
std::string HostName();

// "keyfold@<host>:<process id>": the client.id of all clients, unless another one is configured.
std::string ProcessName();

// Whether a client.id is the ProcessName() of this or another process of this host.
bool IsOfThisHost(const std::string& client_id);

}  // namespace keyfold

#endif  // KEYFOLD_KAFKA_PROCESS_NAME_H_
