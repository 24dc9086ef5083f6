from .files import DataError as DataError
from .files import Images as Images
from .images import ImageData as ImageData
from .images import Samples as Samples
from .images import given as given
from .images import images_folder as images_folder
from .images import load as load
