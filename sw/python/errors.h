// weft::Error in Python: weft.Error, with the kind by name and the same sentence.
#pragma once

namespace weft::python {

// From now on every weft::Error that leaves the module becomes one.
void translate_errors();

}  // namespace weft::python
