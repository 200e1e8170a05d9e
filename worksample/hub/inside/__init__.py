"""What runs inside a hosted sandbox, beside the candidate."""

#: left in a home by whoever ended the kernels in it; says why
NOTE = "PLEASE-READ-why-your-kernel-ended.txt"
#: variables of a candidate's server: what its home may hold, and where browsers find the exchange
DISK_MB = "WORKSAMPLE_DISK_MB"
PAGES = "WORKSAMPLE_PAGES"
