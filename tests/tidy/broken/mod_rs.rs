//! Parts of a module.
