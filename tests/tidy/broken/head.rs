// A remark is no head.
//! And a head further down comes too late.
