"""What every room uses: settings, checks, errors, random numbers, devices, progress bars."""
