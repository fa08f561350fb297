// The names by which people choose an instruction set or a backend.
#ifndef QUAVER_RUNTIME_CHOSEN_NAME_H_
#define QUAVER_RUNTIME_CHOSEN_NAME_H_

namespace quaver {

/// `name`, or where that is null `variable` of the environment; null where that is not set, where
/// it is "", and where it is `usual`: what is used anyway.
const char* ChosenName(const char* name, const char* variable, const char* usual);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_CHOSEN_NAME_H_
