"""Frames of a film side by side: ``contact_sheet.py FILM.mp4 SHEET.png [COLUMNS ROWS]``."""

import sys

import av
from PIL import Image, ImageDraw

WIDTH = 240


def main(film: str, sheet: str, columns: str = "8", rows: str = "5") -> None:
    across, down = int(columns), int(rows)
    with av.open(film) as container:
        stream = container.streams.video[0]
        frames = [(frame.time, frame.to_image()) for frame in container.decode(stream)]
    count = across * down
    chosen = [frames[round(i * (len(frames) - 1) / (count - 1))] for i in range(count)]
    height = round(WIDTH * chosen[0][1].height / chosen[0][1].width)
    page = Image.new("RGB", (across * WIDTH, down * height))
    draw = ImageDraw.Draw(page)
    for index, (time, image) in enumerate(chosen):
        corner = (index % across * WIDTH, index // across * height)
        page.paste(image.resize((WIDTH, height), Image.Resampling.LANCZOS), corner)
        draw.text((corner[0] + 6, corner[1] + 4), f"{time:.2f} s", fill="white", stroke_width=1, stroke_fill="black")
    page.save(sheet)


if __name__ == "__main__":
    main(*sys.argv[1:])
