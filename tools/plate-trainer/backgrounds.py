# SPDX-License-Identifier: Apache-2.0
"""Photographs and screens of text from Debian packages, to put behind the drawn plates. Which packages and licences: README.md."""
import glob
import os
import re

import cv2

FOLDERS = ("/usr/share/backgrounds", "/usr/share/wallpapers", "/usr/share/doc/opencv-doc/examples/data")

# A real plate; a press photograph; trade marks; thirty views of one chessboard.
EXCLUDED = re.compile(r"licenseplate|messi|WindowsLogo|left0[2-9]|left1|right\d|/screenshot")

# Of OpenCV's manual only these: looked at one by one, no vehicle's plate and no portrait among them.
MANUAL = "/usr/share/doc/opencv-doc/opencv4/html/"
FROM_MANUAL = """1_start_new_project.png 4_barcodes.jpg Basic_Linear_Transform_Tutorial_gamma_correction.jpg
    Bounding_Rects_Circles_Source_Image.jpg CMake_Configure_Windows.jpg HDRtoneMapping_memorialSample.jpg Harris_Detector_Original_Image.jpg
    Histogram_Calculation_Original_Image.jpg Hough_Lines_Tutorial_Original_Image.jpg corridor_fld.jpg feature_building.jpg fisheye.jpg
    fusion_mertens.jpg houghlines3.jpg ldr_debevec.jpg linking_opencv_ios.png newspaper.jpg realsense.jpg sbt_eclipse.png
    text_det_test_results.jpg toolwindow.jpg view_did_load.png""".split()


def load(longest_side=1100, most=1000):
    """BGR pictures, in an order that depends only on the installed packages."""
    files = [MANUAL + name for name in FROM_MANUAL]
    for folder in FOLDERS:
        for kind in ("jpg", "jpeg", "png", "webp"):
            files += glob.glob(f"{folder}/**/*.{kind}", recursive=True)
    seen, pictures = set(), []
    for file in sorted(files):
        # A wallpaper comes in several sizes: NAME/contents/images*/SIZE.
        name = file.split("/contents/")[0] if "/contents/" in file else os.path.basename(file)
        if name in seen or EXCLUDED.search(file):
            continue
        if os.path.getsize(file) > 4_000_000:   # takes longer to open than it is worth
            continue
        picture = cv2.imread(file, cv2.IMREAD_REDUCED_COLOR_2 if os.path.getsize(file) > 700_000 else cv2.IMREAD_COLOR)
        # The flat ones (logos, plain colours) teach nothing.
        if picture is None or min(picture.shape[:2]) < 200 or picture.std() < 12:
            continue
        seen.add(name)
        scale = longest_side / max(picture.shape[:2])
        pictures.append(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture)
        if len(pictures) == most:
            return pictures
    if len(pictures) < 100:
        raise SystemExit(f"Only {len(pictures)} background pictures. Install the packages in requirements.debian.")
    return pictures
