"""Random sessions on hardened targets while apps and stores fail: what was acknowledged has to be there afterwards."""
