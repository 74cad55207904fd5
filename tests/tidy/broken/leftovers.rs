//! A file left halfway; the method is named todo here, which is no leftover.

// TODO: the other half
fn half(todo: u8) -> u8 {
    dbg!(todo);
    /* FIXME */
    let said = "dbg!(this is text), TODO as well";
    my_dbg!(said);
    unimplemented!("{todo}")
}
