"""What all pages share: who looks, lists, notes, forms, words and the zone of the reader."""
