"""Nexmark: the bids, auctions and people of an auction site, and the published queries over them."""
