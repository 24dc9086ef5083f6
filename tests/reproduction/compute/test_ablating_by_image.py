import numpy as np
import pytest

from neuronlib.ablation.cumulative import ablate
from neuronlib.ablation.orders import ablation_orders
from neuronlib.information.measuring import measure
from neuronlib.networks.ensemble import samples_on
from neuronlib.reproduction.compute.by_image import ablate_by_image, correct_by_image
from neuronlib.reproduction.compute.compute import images, networks_of
from neuronlib.reproduction.design.axes import BY_IMAGE_ORDERS
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import Study
from neuronlib.reproduction.store.encoding import decode_images


def test_a_whole_network_answers_each_image_as_its_logits_say(trained):
    ensemble, data = trained
    pixels, labels = samples_on(ensemble.device, data.test)
    nothing = np.zeros((3, sum(ensemble.setting.hidden)), dtype=bool)
    expected = (ensemble.logits(pixels).argmax(dim=2) == labels).numpy()
    np.testing.assert_array_equal(correct_by_image(ensemble, data.test, nothing), expected)


@pytest.mark.parametrize("scope", ["1", "2", "whole"])
def test_answers_to_images_sum_to_what_ablation_counts(trained, scope):
    ensemble, data = trained
    orders = ablation_orders(measure(ensemble, data.validation), scope, 2, 0)
    step = orders.sizes["step"] // 2
    counted = ablate(ensemble, data.test, orders, steps=[step]).correct.sum("label").isel(step=0)
    for order in orders.order.values:
        gone = np.zeros((3, sum(ensemble.setting.hidden)), dtype=bool)
        np.put_along_axis(gone, orders.sel(order=order).values[:, :step], True, axis=1)
        found = correct_by_image(ensemble, data.test, gone).sum(axis=1)
        # Ablation step by step rounds differently, which may move a near-tie.
        assert abs(found - counted.sel(order=order).values).max() <= 1


def test_a_study_of_images_holds_every_ablation_and_sums_to_the_curves():
    study = Study(
        kind="images", setting=paper_setting("mnist-5k", hidden=(10, 10), epochs=2), networks=2, random_orders=3
    )
    correct = decode_images(ablate_by_image(study, device="cpu"))
    data = images(study.setting)
    networks, _ = networks_of(Job(setting=study.setting, first=0, last=1), data, "cpu")
    measured = measure(networks, data.validation)
    assert correct.ablation.values.tolist() == [" ".join(key) for key in BY_IMAGE_ORDERS]
    for scope, step in (("1", 8), ("2", 8), ("whole", 10)):
        orders = ablation_orders(measured, scope, 3, study.setting.seed)
        counted = ablate(networks, data.test, orders, steps=[step]).correct.sum("label").isel(step=0)
        random = counted.isel(order=np.flatnonzero(counted.measure == "random")).mean("order")
        # A near-tie in one of few orders.
        assert abs(correct.random.sel(scope=scope).sum("image") - random).max() <= 1
        for of_scope, order in BY_IMAGE_ORDERS:
            if of_scope == scope:
                found = correct.ordered.sel(ablation=f"{scope} {order}").sum("image")
                assert abs(found - counted.sel(order=order)).max() <= 1
