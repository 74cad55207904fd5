//! External query languages and programs, one file each: an intention becomes a query or an argv, its output becomes our words.
